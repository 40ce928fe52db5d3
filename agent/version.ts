/** Of the agent, which is that of Postern; a test keeps it equal to `package.json`. */
export const version = "0.1.0";
