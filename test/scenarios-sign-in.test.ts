/** Signing in as staff, invitations, and one's own ways to sign in. */

import { playScenarios } from "./scenario.ts";
import { deskCredentialRows } from "./scenarios/desk-credentials.ts";
import { deskSignInRows } from "./scenarios/desk-sign-in.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), [...deskSignInRows, ...deskCredentialRows]);
