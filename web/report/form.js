// What the report form gains where scripts run; without one it is whole.
import { Button, CharacterCount, ErrorSummary, ExitThisPage, SkipLink, createAll } from "govuk-frontend";

// Whoever leaves in a hurry leaves nothing behind "Back": the page in the browser's history becomes the empty first one.
class Leaving extends ExitThisPage {
  exitPage() {
    history.replaceState(null, "", "/report");
    super.exitPage();
  }
}

if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  for (const component of [Button, CharacterCount, ErrorSummary, Leaving, SkipLink]) {
    createAll(component);
  }
}
