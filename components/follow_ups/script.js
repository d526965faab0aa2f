/** A press sends the question, as a `genui-action` whose action is the question itself. */
import { presses } from "../../static/press.js";

export default (root, host) => presses(root, host, (button) => button.textContent.trim());
