// Asks the user for the texts of comments before an action is applied. Knows nothing of Visual Studio Code, so that it can be tested.

/** Asks the user for a text; undefined if the user gives up. `problem` returns what is wrong with a text, if anything. */
export type Ask = (title: string, value: string, problem: (text: string) => string | undefined) => Promise<string | undefined>;

/** What an action of the server carries from its listing to its edit. */
interface Chosen {
  readonly deed: string;
  readonly code: string;
  readonly fact: string;
}

/**
 * Returns the data of an action with what the user wants to say in the comment, and undefined if the user gives up.
 * Data of actions without a comment stays as it is.
 */
export async function withTexts(data: unknown, ask: Ask): Promise<unknown> {
  if (!isChosen(data)) {
    return data;
  }
  if (data.deed === "suppress") {
    const reason = await ask(`Why is ${data.code} no problem here?`, "", reasonProblem);
    return reason === undefined ? undefined : { ...data, reason };
  }
  if (data.deed === "declare") {
    const fact = await ask("How many calls are there?", data.fact, factProblem);
    return fact === undefined ? undefined : { ...data, fact };
  }
  return data;
}

function isChosen(data: unknown): data is Chosen {
  return typeof data === "object" && data !== null && "deed" in data && "code" in data && "fact" in data;
}

function reasonProblem(text: string): string | undefined {
  return text.includes("#") ? "The reason becomes part of a comment, so it cannot contain #." : undefined;
}

function factProblem(text: string): string | undefined {
  const volume = /^volume=\d[\d_]*(\.\d+)?k?\/(hour|h|day|d|week|w|month|year)$/;
  return volume.test(text.trim()) ? undefined : "Write volume=200/day, or per hour, week, month or year.";
}
