/** What `[ … ]` may ask about files. */
export interface FileTest {
  exists(path: string): boolean;
}

/** GRUB's `test`: strings, numbers and files, with `!`, `-a` and `-o`; what it does not know is false. */
export function testCondition(words: readonly string[], files: FileTest): boolean {
  const or = words.lastIndexOf('-o');
  if (or > 0) return testCondition(words.slice(0, or), files) || testCondition(words.slice(or + 1), files);
  const and = words.lastIndexOf('-a');
  if (and > 0) return testCondition(words.slice(0, and), files) && testCondition(words.slice(and + 1), files);
  const [first, second, third] = words;
  if (first === '!' && words.length > 1) return !testCondition(words.slice(1), files);
  if (words.length === 3 && second !== undefined) return compare(first ?? '', second, third ?? '');
  if (words.length === 2) {
    switch (first) {
      case '-n':
        return second !== '';
      case '-z':
        return second === '';
      case '-d':
      case '-e':
      case '-f':
      case '-s':
        return files.exists(second ?? '');
      default:
        return false;
    }
  }
  // An unquoted variable without a value leaves `-z` and the like without their operand.
  return words.length === 1 && first !== '' && first !== '-n' && !/^-[defs]$/.test(first ?? '');
}

function compare(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '-eq':
      return Number(left) === Number(right);
    case '-ne':
      return Number(left) !== Number(right);
    case '-gt':
      return Number(left) > Number(right);
    case '-ge':
      return Number(left) >= Number(right);
    case '-lt':
      return Number(left) < Number(right);
    case '-le':
      return Number(left) <= Number(right);
    default:
      return false;
  }
}
