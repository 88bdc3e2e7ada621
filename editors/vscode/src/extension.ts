// The extension: starts the server, and asks for texts of comments. Everything else is the server's.

import * as vscode from "vscode";
import {
  CodeAction as ProtocolAction,
  LanguageClient,
  LanguageClientOptions,
  Middleware,
  ServerOptions,
} from "vscode-languageclient/node";

import { withTexts } from "./prompts";
import { exists, serverCommand } from "./start";

const SECTION = "surfacelint";

/** The part of the Python extension's interface that says which interpreter is selected. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const python = await pythonApi();
  const restart = async (): Promise<void> => {
    await stop();
    await start(context, python);
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("surfacelint.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration(`${SECTION}.path`) || event.affectsConfiguration(`${SECTION}.enable`)) {
        await restart();
      }
    }),
  );
  if (python?.environments !== undefined) {
    context.subscriptions.push(python.environments.onDidChangeActiveEnvironmentPath(restart));
  }
  await start(context, python);
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function start(context: vscode.ExtensionContext, python: PythonApi | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  if (!settings.get<boolean>("enable", true)) {
    return;
  }
  const server = serverCommand({
    path: settings.get<string[]>("path", []),
    interpreter: python?.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path,
    platform: process.platform,
    exists,
  });
  const started = new LanguageClient(SECTION, "surfacelint", serverOptions(server), clientOptions());
  client = started;
  context.subscriptions.push(started);
  try {
    await started.start();
  } catch (error) {
    client = undefined;
    const advice = "Run `pip install 'surfacelint[server]'` in the selected environment, or set `surfacelint.path`.";
    await vscode.window.showErrorMessage(`surfacelint: cannot start ${server.command}: ${String(error)}. ${advice}`);
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

function serverOptions(server: { readonly command: string; readonly args: readonly string[] }): ServerOptions {
  return { command: server.command, args: [...server.args] };
}

function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file", language: "python" },
      { scheme: "untitled", language: "python" },
      { scheme: "vscode-notebook-cell", language: "python" },
      { scheme: "file", pattern: "**/{pyproject.toml,surfacelint.toml,surfacelint-baseline.json}" },
    ],
    middleware: middleware(),
  };
}

/** Asks for the text of a comment when the user has chosen an action that adds one. */
function middleware(): Middleware {
  return {
    resolveCodeAction: async (action, token, next) => {
      const chosen = action as vscode.CodeAction & Pick<ProtocolAction, "data">;
      const data: unknown = await withTexts(chosen.data, async (prompt, value, problem) =>
        vscode.window.showInputBox({ prompt, value, validateInput: problem, ignoreFocusOut: true }),
      );
      if (data === undefined && chosen.data !== undefined) {
        return action; // the user gave up: an action without an edit changes nothing
      }
      chosen.data = data;
      return next(chosen, token);
    },
  };
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  return extension === undefined ? undefined : await extension.activate();
}
