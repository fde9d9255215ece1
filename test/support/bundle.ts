/** Device programs that a test writes around the modules of src. */
export { bundle } from "../../compiler/bundle.js";
