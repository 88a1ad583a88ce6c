import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type {
  Answer,
  CheckAnswer,
  ErrorAnswer,
  InspectAnswer,
  LockAnswer,
  RebuildAnswer,
  ReinstallAnswer,
  RepairAnswer,
  VersionAnswer,
} from '../../src/protocol/messages.ts';
import { OPERATIONS } from '../../src/protocol/words.ts';

interface Answers {
  readonly version: VersionAnswer;
  readonly inspect: InspectAnswer;
  readonly check: CheckAnswer;
  readonly reinstall: ReinstallAnswer;
  readonly rebuild: RebuildAnswer;
  readonly lock: LockAnswer;
  readonly repair: RepairAnswer;
  readonly error: ErrorAnswer;
}

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });

function compile<K extends keyof Answers>(kind: K): ValidateFunction<Answers[K]> {
  const url = new URL(`../../schema/answer-${kind}.json`, import.meta.url);
  const schema: unknown = JSON.parse(readFileSync(url, 'utf8'));
  if (typeof schema !== 'object') throw new Error(`${url.pathname} holds no object`);
  return ajv.compile<Answers[K]>({ ...schema });
}

const SCHEMAS: { readonly [K in keyof Answers]: ValidateFunction<Answers[K]> } = {
  version: compile('version'),
  inspect: compile('inspect'),
  check: compile('check'),
  reinstall: compile('reinstall'),
  rebuild: compile('rebuild'),
  lock: compile('lock'),
  repair: compile('repair'),
  error: compile('error'),
};

/**
 * Holds an answer against the published schema of its kind (`schema/answer-OP.json`, or `answer-error.json` where
 * `error` is not null). Every answer that a test sees passes through here.
 *
 * @throws with every violation where it does not fit
 */
export function expectValid(answer: unknown): Answer {
  return expectKind(kindOf(answer), answer);
}

/** As `expectValid`, for an answer that must be of one kind. */
export function expectKind<K extends keyof Answers>(kind: K, answer: unknown): Answers[K] {
  const fits = SCHEMAS[kind];
  if (fits(answer)) return answer;
  const violations = (fits.errors ?? []).map(
    ({ instancePath, message, params }) => `  ${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`,
  );
  throw new Error(
    `not a valid ${kind} answer:\n${violations.join('\n')}\n${JSON.stringify(answer, null, 1).slice(0, 4000)}`,
  );
}

function kindOf(answer: unknown): keyof Answers {
  if (typeof answer !== 'object' || answer === null) {
    throw new Error(`an answer is one JSON object, not ${JSON.stringify(answer)}`);
  }
  if ('error' in answer && answer.error !== null) return 'error';
  const op = 'op' in answer ? answer.op : undefined;
  const known = OPERATIONS.find((name) => name === op);
  if (known !== undefined) return known;
  throw new Error(`no schema for an answer to op ${JSON.stringify(op)}`);
}
