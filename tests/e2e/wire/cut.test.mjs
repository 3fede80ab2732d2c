// The suites of the wire once more, with every byte in a TCP segment of its own.

process.env.CUT_SEGMENTS = "yes"; // read by support/fixture.mjs

for (const suite of ["clients", "engineio", "socketio"]) await import(`./${suite}.test.mjs`);
