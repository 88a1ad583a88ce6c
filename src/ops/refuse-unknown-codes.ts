import { BellwetherError } from '../protocol/errors.ts';
import { suggest } from '../protocol/suggest.ts';
import { knownCodes } from './explain.ts';

/** A code that no rule has would be accepted in vain: a mistyped one must not hide behind that. */
export function refuseUnknownCodes(ignore: readonly string[]): void {
  const known = knownCodes();
  for (const code of ignore) {
    if (known.includes(code)) continue;
    const near = suggest(code, known);
    throw new BellwetherError(
      'bad_request',
      `"params.ignore" holds "${code}", which is no finding's code${near === null ? '' : ` (did you mean "${near}"?)`}`,
      {
        hint: 'docs/findings.md lists every code',
      },
    );
  }
}
