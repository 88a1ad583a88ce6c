import { describe, expect, test } from '@jest/globals';
import { BellwetherError } from '../../../src/protocol/errors.ts';
import { parseRequest, validateRequest } from '../../../src/protocol/parse-request.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function refusal(request: unknown): BellwetherError {
  try {
    validateRequest(request);
  } catch (error) {
    if (error instanceof BellwetherError) return error;
    throw error;
  }
  throw new Error('the request was taken');
}

function textRefusal(text: string | Uint8Array): BellwetherError {
  try {
    parseRequest(typeof text === 'string' ? bytes(text) : text);
  } catch (error) {
    if (error instanceof BellwetherError) return error;
    throw error;
  }
  throw new Error('the request was taken');
}

describe('a request', () => {
  test('gets its defaults, and the caller keeps its own object', () => {
    const mine = { protocol: 1, op: 'check' };
    expect(validateRequest(mine)).toEqual({
      protocol: 1,
      op: 'check',
      root: '/',
      dry_run: false,
      timeout_s: 600,
      detail: 'summary',
      params: { kernels: 'default', platform: 'auto', ignore: [] },
    });
    expect(mine).toEqual({ protocol: 1, op: 'check' });
  });

  test.each([
    ['dry-run', 'unknown field "dry-run" (did you mean "dry_run"?)'],
    ['dryrun', 'unknown field "dryrun" (did you mean "dry_run"?)'],
    ['zzz', 'unknown field "zzz" (known: protocol, op, root, dry_run, timeout_s, detail, params)'],
  ])('with the unknown field %s is refused by name', (field, message) => {
    expect(refusal({ protocol: 1, op: 'check', [field]: true }).message).toBe(message);
  });

  test('with an unknown field inside params is refused by its path', () => {
    const error = refusal({ protocol: 1, op: 'check', params: { kernel: ['6.1.0'] } });
    expect(error.message).toBe('unknown field "params.kernel" (did you mean "kernels"?)');
    expect(error.exitCode).toBe(64);
  });

  test('with several defects is told all of them at once', () => {
    const error = refusal({ protocol: 1, op: 'check', root: 'boot', timeout_s: 0, params: { platfrom: 'kvm' } });
    expect(error.message).toContain('"root" is "boot"');
    expect(error.message).toContain('"timeout_s" is 0');
    expect(error.message).toContain('did you mean "platform"?');
  });

  test.each(['../../etc', '-rf', '', 'a/b', '5.14 0', '.hidden', 'x'.repeat(200)])(
    'for the kernel name %j is refused, naming it',
    (name) => {
      const error = refusal({ protocol: 1, op: 'check', params: { kernels: [name] } });
      expect(error.code).toBe('bad_request');
      expect(error.message).toContain('"params.kernels.0" is');
    },
  );

  test.each(['6.1.0-53-amd64', '5.14.0-427.el9.x86_64', '6.12.0+deb13', '4.18.0-348.el8_5.x86_64+debug', '7.0.0~rc1'])(
    'for the kernel %s is taken',
    (name) => {
      expect(validateRequest({ protocol: 1, op: 'check', params: { kernels: [name] } })).toMatchObject({
        params: { kernels: [name] },
      });
    },
  );

  test('whose kernels is no known word is told the words', () => {
    const error = refusal({ protocol: 1, op: 'check', params: { kernels: 'newest' } });
    expect(error.message).toBe(
      '"params.kernels" is "newest", expected: "default" (what boots next), "all", "running", or a list of kernel versions.',
    );
  });

  test('for a mistyped platform is told the near one', () => {
    expect(refusal({ protocol: 1, op: 'check', params: { platform: 'vmwre' } }).message).toContain(
      'did you mean "vmware"?',
    );
  });

  test('of protocol 2 is told what is spoken here', () => {
    const error = refusal({ protocol: 2, op: 'check' });
    expect([error.code, error.message]).toEqual(['unsupported_protocol', '"protocol" is 2, this executable speaks 1']);
  });

  test('for an unknown operation is told the near one', () => {
    const error = refusal({ protocol: 1, op: 'chekc' });
    expect([error.code, error.message]).toEqual([
      'unknown_operation',
      '"op" is "chekc", must be one of version, inspect, check, reinstall, rebuild, lock, repair (did you mean "check"?)',
    ]);
  });

  test.each([
    ['no protocol', { op: 'check' }, '"protocol" is missing'],
    ['no operation', { protocol: 1 }, '"op" is missing'],
    ['a list', [], 'the request is a list, must be one JSON object'],
    ['null', null, 'the request is null, must be one JSON object'],
    ['a protocol that is text', { protocol: '1', op: 'check' }, '"protocol" is "1", must be 1'],
  ])('that is or has %s is refused', (_what, request, message) => {
    expect(refusal(request).message).toContain(message);
  });

  test('cannot reach the prototype', () => {
    expect(textRefusal('{"protocol":1,"op":"check","__proto__":{"root":"/x"}}').message).toContain(
      'unknown field "__proto__"',
    );
    expect(textRefusal('{"protocol":1,"op":"toString"}').code).toBe('unknown_operation');
  });
});

describe('the bytes of a request', () => {
  test.each([
    ['', 'the request is empty'],
    ['  \n', 'the request is empty'],
    ['hello', 'the request is not JSON'],
    [
      '{"protocol":1,"op":"check"}{"protocol":1,"op":"check"}',
      'the request holds more than one JSON value: a second one begins at character 27',
    ],
    ['{"protocol":1,', 'the request is not JSON'],
    ['[1]', 'the request is a list'],
  ])('%j are refused', (text, message) => {
    const error = textRefusal(text);
    expect(error.code).toBe('bad_request');
    expect(error.message).toContain(message);
  });

  test('that are no UTF-8 are refused', () => {
    expect(textRefusal(Uint8Array.of(0x7b, 0xff, 0x7d)).message).toBe('the request is not valid UTF-8');
  });
});

describe('a key that is given twice is refused by its path:', () => {
  const request = (rest: string): string => `{"protocol":1,"op":"check",${rest}}`;

  test.each([
    ['with another value', request('"op":"repair"'), 'op'],
    ['with the same value', request('"op":"check"'), 'op'],
    ['behind another, in white space', '{ "protocol" : 1 ,\n\t"op" : "check" ,\r\n "protocol" : 1 }', 'protocol'],
    ['written otherwise', request('"o\\u0070":"repair"'), 'op'],
    ['written otherwise at first', '{"\\u006fp":"check","protocol":1,"op":"repair"}', 'op'],
    ['in an object below', request('"params":{"kernels":"all","image":"/x","kernels":"default"}'), 'params.kernels'],
    ['whose first value is an object', request('"params":{"kernels":"all"},"params":{}'), 'params'],
    [
      'in an object in a list',
      request('"params":{"kernels":["a,b",[],{"a":{"a":1},"b":[1,2],"a":2}]}'),
      'params.kernels.2.a',
    ],
    ['that is __proto__', request('"params":{"__proto__":1,"__proto__":2}'), 'params.__proto__'],
    ['that is constructor', request('"constructor":1,"constructor":2'), 'constructor'],
    ['that is empty', request('"":1,"":2'), ''],
    ['with a quote in it', request('"a\\"b":1,"a\\u0022b":2'), 'a"b'],
    ['behind a text that ends in a backslash', request('"root":"/\\\\","op":"repair"'), 'op'],
  ])('%s', (_what, text, path) => {
    const error = textRefusal(text);
    expect([error.code, error.message, error.exitCode]).toEqual(['bad_request', `"${path}" is given twice`, 64]);
    expect(error.at).toEqual({ path });
  });

  test.each([
    ['in two objects', request('"params":{"ignore":[],"op":1}'), 'unknown field "params.op"'],
    ['as a value', request('"root":"root"'), '"root" is "root"'],
    ['in a text', request('"root":"{\\"op\\":1,\\"op\\":2}"'), '"root" is '],
    ['in a list', request('"params":{"ignore":["op","op",{"op":"op"}]}'), '"params.ignore.2"'],
    ['in another case', request('"OP":"check"'), 'unknown field "OP"'],
    ['in inherited names', request('"toString":1'), 'unknown field "toString"'],
  ])('not what stands there twice %s', (_what, text, message) => {
    expect(textRefusal(text).message).toContain(message);
  });

  test('a key of a hundred thousand characters, in few', () => {
    const key = 'x'.repeat(100_000);
    expect(textRefusal(request(`"${key}":1,"${key}":2`)).message.length).toBeLessThan(300);
  });

  test('in ten megabytes of keys, and as fast as they are long', () => {
    const keys = (count: number): string => Array.from({ length: count }, (_, at) => `"key-${at}":"\\n"`).join(',');
    const time = (count: number): number => {
      const text = request(`"params":{${keys(count)},"key-0":1}`);
      const start = performance.now();
      expect(textRefusal(text).message).toBe('"params.key-0" is given twice');
      return performance.now() - start;
    };
    time(60_000);
    // Ten times as long, far from a hundred times as slow.
    expect(time(600_000)).toBeLessThan(40 * Math.max(time(60_000), 5));
  });
});

describe('nesting without end', () => {
  const nested = (before: string, after: string, depth: number, inner = ''): string =>
    `{"protocol":1,"op":"check","params":${before.repeat(depth)}${inner}${after.repeat(depth)}}`;

  test.each([
    ['lists', nested('[', ']', 200_000)],
    ['objects', nested('{"a":', '}', 200_000, '1')],
    ['both', nested('[{"a":', '}]', 100_000, '1')],
    ['one too many', nested('[', ']', 32)],
  ])('of %s is refused by its field', (_what, text) => {
    const error = textRefusal(text);
    expect([error.code, error.message]).toEqual(['bad_request', '"params" is nested deeper than 32 levels']);
  });

  test('is not what a request with a wrong value has', () => {
    expect(textRefusal(nested('[', ']', 31)).message).toContain('"params" is [[');
  });
});

describe('what is wrong with a request is said so that it can be put right:', () => {
  test.each([
    ['a relative root', { protocol: 1, op: 'check', root: 'cap' }, /"root" is "cap".*absolute path/],
    ['a relative image', { protocol: 1, op: 'check', params: { image: 'x.img' } }, /"params.image".*absolute path/],
    ['a time that is too short', { protocol: 1, op: 'check', timeout_s: 0.001 }, /from 1 to 86400/],
    ['too many rounds', { protocol: 1, op: 'repair', params: { max_rounds: 11 } }, /from 1 to 10/],
  ])('%s', (_, request, words) => {
    expect(refusal(request).message).toMatch(words);
  });

  test('a field of a hundred thousand characters, in few', () => {
    expect(refusal({ protocol: 1, op: 'check', ['x'.repeat(100_000)]: 1 }).message.length).toBeLessThan(300);
  });
});
