import type { ErrorObject } from 'ajv';
import { suggest } from './suggest.ts';

const SHOWN_VALUE = 60;
/** Characters of a field's name that are told: longer than any that is known. */
const SHOWN_NAME = 64;

/**
 * Says what is wrong with a request, one sentence per defect, each naming the key (dotted, from the request's top)
 * and the value.
 * @param violations Ajv's errors, made with `allErrors` and `verbose`
 */
export function describeViolations(violations: readonly ErrorObject[]): string[] {
  const sentences = violations.filter((violation) => !isShadowed(violation, violations)).map(describe);
  return [...new Set(sentences)];
}

/**
 * Of an `anyOf`, the branch of another JSON type says nothing useful: a bad list item is told as that item, and
 * where no branch is of the value's type, the `anyOf` itself is told with its description.
 */
function isShadowed(violation: ErrorObject, all: readonly ErrorObject[]): boolean {
  const inBranch = violation.schemaPath.includes('/anyOf/');
  if (inBranch) return !isInsideList(violation);
  return (
    violation.keyword === 'anyOf' &&
    all.some((other) => isInsideList(other) && other.instancePath.startsWith(violation.instancePath))
  );
}

function isInsideList(violation: ErrorObject): boolean {
  return (
    violation.schemaPath.includes('/anyOf/') &&
    (violation.schemaPath.includes('/items/') || Array.isArray(violation.data))
  );
}

function describe(violation: ErrorObject): string {
  const key = violation.instancePath.split('/').slice(1).map(unescapePointer).join('.');
  const value = show(violation.data);
  switch (violation.keyword) {
    case 'additionalProperties': {
      const name = String(violation.params.additionalProperty);
      const known = Object.keys(propertiesOf(violation));
      const near = suggest(name, known);
      const shown = name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}…` : name;
      const path = key === '' ? shown : `${key}.${shown}`;
      return `unknown field "${path}"${near === null ? (known.length === 0 ? ' (no fields are known here)' : ` (known: ${known.join(', ')})`) : ` (did you mean "${near}"?)`}`;
    }
    case 'required':
      return `"${key === '' ? '' : `${key}.`}${String(violation.params.missingProperty)}" is missing`;
    case 'enum': {
      const allowed = Array.isArray(violation.schema) ? violation.schema.map(String) : [];
      const near = typeof violation.data === 'string' ? suggest(violation.data, allowed) : null;
      return `"${key}" is ${value}, must be one of ${allowed.join(', ')}${near === null ? '' : ` (did you mean "${near}"?)`}`;
    }
    case 'const':
      return `"${key}" is ${value}, must be ${show(violation.schema)}`;
    case 'minimum':
    case 'maximum':
      return `"${key}" is ${value}, must be ${rangeOf(violation)}`;
    case 'type':
      return `"${key}" is ${value}, must be of type ${String(violation.params.type)}`;
    default: {
      const meaning: unknown = violation.parentSchema?.description;
      return `"${key}" is ${value}${typeof meaning === 'string' ? `, expected: ${meaning}` : `: ${violation.message ?? violation.keyword}`}`;
    }
  }
}

/** A number's bounds, in words. */
function rangeOf({ parentSchema }: ErrorObject): string {
  return `from ${String(parentSchema?.minimum)} to ${String(parentSchema?.maximum)}`;
}

function propertiesOf(violation: ErrorObject): object {
  const properties: unknown = violation.parentSchema?.properties;
  return typeof properties === 'object' && properties !== null ? properties : {};
}

function unescapePointer(part: string): string {
  return part.replace(/~1/g, '/').replace(/~0/g, '~');
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE)}…` : text;
}
