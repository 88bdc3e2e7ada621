import assert from "node:assert/strict";
import { test } from "node:test";

import { withTexts, type Ask } from "../src/prompts";

const chosen = { deed: "suppress", uri: "file:///a.py", code: "SRF101", reason: "TODO: say why", fact: "volume=100/day" };

function answering(answer: string | undefined, problems: (string | undefined)[] = []): Ask {
  return (_title, value, problem) => {
    problems.push(problem(answer ?? value));
    return Promise.resolve(answer);
  };
}

test("a suppression asks for a reason", async () => {
  assert.deepEqual(await withTexts(chosen, answering("forty a night")), { ...chosen, reason: "forty a night" });
});

test("a declaration asks for a volume, and rejects what the server would not read", async () => {
  const declared = { ...chosen, deed: "declare" };
  const problems: (string | undefined)[] = [];
  assert.deepEqual(await withTexts(declared, answering("volume=5k/week", problems)), { ...declared, fact: "volume=5k/week" });
  await withTexts(declared, answering("many", problems));
  assert.equal(problems[0], undefined);
  assert.match(problems[1] ?? "", /volume=200\/day/);
});

test("giving up changes nothing, and other actions ask nothing", async () => {
  assert.equal(await withTexts(chosen, answering(undefined)), undefined);
  const fix = { ...chosen, deed: "fix" };
  assert.equal(await withTexts(fix, () => Promise.reject(new Error("asked"))), fix);
  assert.equal(await withTexts("other", () => Promise.reject(new Error("asked"))), "other");
});
