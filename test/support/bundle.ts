/** Device programs that a test writes around the rooms of src. */
export { bundle } from "../../compiler/bundle.js";
