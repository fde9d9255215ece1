/** Many random programs through the compiler's passes. */

process.env["COMPILER_RUNS"] ??= "200";
export {};

await import("./passes.test.js");
