/** The button sends its action; which product it is, the server knows. */
import { presses } from "../../static/press.js";

export default presses;
