/** The pages at `/desk`: for staff, a client of the API, and nothing more. */
import "../ui/styles.ts";
import "./desk.css";
import i18next from "i18next";
import { mount } from "../mount.tsx";
import { startWords } from "../words/words.ts";
import { Desk } from "./Desk.tsx";
import { deskEn } from "./words/desk-en.ts";
import { deskSv } from "./words/desk-sv.ts";

await startWords();
i18next.addResourceBundle("en", "desk", deskEn);
i18next.addResourceBundle("sv", "desk", deskSv);
mount(<Desk />);
