import assert from "node:assert/strict";
import { test } from "node:test";

import { serverCommand, type Surroundings } from "../src/start";

const nothing: Surroundings = { path: [], interpreter: undefined, platform: "linux", exists: () => false };

test("the setting decides, whatever else there is", () => {
  const around = { ...nothing, path: ["uvx", "--from", "surfacelint[server]", "surfacelint"], interpreter: "/venv/bin/python", exists: () => true };
  assert.deepEqual(serverCommand(around), { command: "uvx", args: ["--from", "surfacelint[server]", "surfacelint", "server"] });
});

test("the selected environment is preferred to the search path, if surfacelint is in it", () => {
  const seen: string[] = [];
  const around = {
    ...nothing,
    interpreter: "/venv/bin/python3",
    exists: (file: string) => {
      seen.push(file);
      return true;
    },
  };
  assert.deepEqual(serverCommand(around), { command: "/venv/bin/surfacelint", args: ["server"] });
  assert.deepEqual(seen, ["/venv/bin/surfacelint"]);
  assert.deepEqual(serverCommand({ ...around, exists: () => false }), { command: "surfacelint", args: ["server"] });
});

test("programs have a suffix on Windows", () => {
  const around: Surroundings = { ...nothing, platform: "win32", interpreter: "C:\\venv\\Scripts\\python.exe", exists: () => true };
  assert.equal(serverCommand(around).command, "C:\\venv\\Scripts\\surfacelint.exe");
});

test("without anything, the search path decides", () => {
  assert.deepEqual(serverCommand(nothing), { command: "surfacelint", args: ["server"] });
});
