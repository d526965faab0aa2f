/** A press becomes a bubbling `genui-action` event {action, values}; a Form around it adds its values. */
import { presses } from "../../static/press.js";

export default presses;
