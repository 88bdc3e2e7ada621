// How the server is started: which program, with which arguments. Knows nothing of Visual Studio Code, so that it can be tested.

import { existsSync } from "node:fs";
import * as path from "node:path";

/** The program of the server and its arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** What decides how the server is started. */
export interface Surroundings {
  /** The setting `surfacelint.path`. */
  readonly path: readonly string[];
  /** The Python interpreter that is selected for the workspace, if any. */
  readonly interpreter: string | undefined;
  readonly platform: NodeJS.Platform;
  /** Whether there is a file at a path. */
  readonly exists: (file: string) => boolean;
}

/** Returns how to start the server: as set, from the environment of the selected interpreter, or from the search path. */
export function serverCommand(around: Surroundings): Command {
  const [program, ...first] = around.path;
  if (program !== undefined) {
    return { command: program, args: [...first, "server"] };
  }
  if (around.interpreter !== undefined) {
    const paths = around.platform === "win32" ? path.win32 : path.posix;
    const name = around.platform === "win32" ? "surfacelint.exe" : "surfacelint";
    const beside = paths.join(paths.dirname(around.interpreter), name);
    if (around.exists(beside)) {
      return { command: beside, args: ["server"] };
    }
  }
  return { command: "surfacelint", args: ["server"] };
}

/** Whether there is a file at a path of this machine. */
export function exists(file: string): boolean {
  return existsSync(file);
}
