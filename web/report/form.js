// What the report form gains where scripts run; without one it is whole.
import { Button, CharacterCount, ErrorSummary, ExitThisPage, SkipLink, createAll } from "govuk-frontend";

if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  for (const component of [Button, CharacterCount, ErrorSummary, ExitThisPage, SkipLink]) {
    createAll(component);
  }
}
