import type { ErrorObject } from 'ajv';
import { describeViolations } from './describe-violations.ts';
import { BellwetherError } from './errors.ts';
import * as validators from './generated/validators.js';
import type { Operation, Request } from './messages.ts';
import { refuseJson } from './refuse-json.ts';
import { suggest } from './suggest.ts';
import { PROTOCOLS } from './version.ts';
import { OPERATIONS } from './words.ts';

/** Bytes of a request that are read at most: two hundred times what the largest sensible one needs. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

/**
 * Turns the bytes of one request into a request with its defaults filled in.
 * @throws BellwetherError `bad_request`, `unsupported_protocol`, `unknown_operation`, each naming the key and the value
 */
export function parseRequest(bytes: Uint8Array): Request {
  const text = decodeUtf8(bytes);
  const value = parseJson(text);
  refuseJson(text);
  return validateRequest(value);
}

/** The same for a request that is an object already. Defaults are filled in on a copy. */
export function validateRequest(value: unknown): Request {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BellwetherError('bad_request', `the request is ${describeType(value)}, must be one JSON object`);
  }
  const request: Record<string, unknown> = { ...value };
  const { protocol, op } = request;
  if (typeof protocol === 'number' && Number.isInteger(protocol) && protocol !== 1) {
    throw new BellwetherError(
      'unsupported_protocol',
      `"protocol" is ${protocol}, this executable speaks ${PROTOCOLS.join(', ')}`,
      {
        hint: 'install a newer bellwether here, or ask in a protocol that it speaks',
        at: { protocol, protocols: [...PROTOCOLS] },
      },
    );
  }
  const known = OPERATIONS.find((name) => name === op);
  if (known === undefined) {
    if (typeof op !== 'string') {
      throw new BellwetherError(
        'bad_request',
        op === undefined ? '"op" is missing' : `"op" is ${describeType(op)}, must be a string`,
      );
    }
    const near = suggest(op, OPERATIONS);
    throw new BellwetherError(
      'unknown_operation',
      `"op" is ${JSON.stringify(op.slice(0, 60))}, must be one of ${OPERATIONS.join(', ')}${near === null ? '' : ` (did you mean "${near}"?)`}`,
    );
  }
  // Validation fills defaults in: what the caller handed over stays as it was.
  const copy: unknown = JSON.parse(JSON.stringify(request));
  if (isRequest(known, copy)) return copy;
  const violations = describeViolations(violationsOf(known));
  throw new BellwetherError('bad_request', violations.join('; '), { at: { op: known } });
}

function isRequest(op: Operation, value: unknown): value is Request {
  return validators[op](value);
}

function violationsOf(op: Operation): readonly ErrorObject[] {
  return validators[op].errors ?? [];
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BellwetherError('bad_request', 'the request is not valid UTF-8', { cause });
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '')
    throw new BellwetherError('bad_request', 'the request is empty, must be one JSON object on standard input');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const position = /position (\d+)/.exec(reason)?.[1];
    if (position !== undefined && isJson(text.slice(0, Number(position)))) {
      throw new BellwetherError(
        'bad_request',
        `the request holds more than one JSON value: a second one begins at character ${position}`,
        { cause },
      );
    }
    throw new BellwetherError('bad_request', `the request is not JSON: ${reason}`, { cause });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function describeType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
