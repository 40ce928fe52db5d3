/** The pages at `/support`: a client of the API, and nothing more. */
import "./ui/styles.ts";
import { RouterProvider } from "@tanstack/react-router";
import { mount } from "./mount.tsx";
import { router } from "./routes.tsx";
import { startWords } from "./words/words.ts";

await startWords();
mount(<RouterProvider router={router} />);
