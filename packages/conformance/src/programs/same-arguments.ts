/** Gives children the arguments of the program: where a main script has no guard, they run it too, and it reads them. */
process.env.CONFORMANCE_BACKEND ??= process.argv[2]
if (process.env.CONFORMANCE_BACKEND !== undefined) process.argv[2] ??= process.env.CONFORMANCE_BACKEND
