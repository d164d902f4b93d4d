import "./style.css";
import { render } from "preact";
import { listen } from "./keys";
import { startWatching } from "./live";
import { begin } from "./session";
import { App } from "./views/App";
import { dress } from "./look";

dress();
listen();
startWatching();
void begin();
const screen = document.getElementById("screen");
if (screen !== null) render(<App />, screen);
