import type { StorageFacts } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { lastValue } from '../command-line.ts';
import { neededNodes, nodesBelow } from '../storage-stack.ts';
import type { Check } from '../types.ts';

/** The mdadm.conf frozen in the image does not list an array that `/` needs, though it lists others and the host's lists it. */
export const mdadmStale: Check = {
  code: 'mdadm_stale',
  checkpoint: 'root',
  severity: 'warning',
  symptom: 'The array comes up as /dev/md127, or degraded, or not at all.',
  cause: '/etc/mdadm.conf (or /etc/mdadm/mdadm.conf) was changed, or the array made anew, after the image was built.',
  cure: 'Build the image anew: `dracut --force --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['rebuild'],
  *observe({ image, host, cmdline }) {
    const frozen = image === null ? null : frozenConf(image);
    if (frozen === null || host.files.mdadmConf === null) return;
    const inImage = arrays(frozen.text);
    const onHost = arrays(host.files.mdadmConf);
    const root = cmdline === null ? null : lastValue(cmdline, 'root');
    for (const { node, top } of neededNodes(host.storage)) {
      if (node.kind !== 'md') continue;
      const now = onHost.find(({ uuid }) => arrayUuids(node.id, host.storage).includes(uuid));
      if (now === undefined || inImage.length === 0) continue;
      const before = inImage.find(({ uuid }) => uuid === now.uuid);
      if (before?.name === now.name) continue;
      // Assembled under another name, the array still serves whoever asks for what is on it by UUID.
      const byName = root?.startsWith('/dev/md') === true;
      yield {
        defect: true,
        message:
          before === undefined
            ? `The image's ${frozen.path} does not list ${now.name} (${now.uuid}), which ${top} is on.`
            : `The image's ${frozen.path} calls the array ${now.uuid} ${before.name}; the host calls it ${now.name}.`,
        evidence: { path: frozen.path, array_uuid: now.uuid, image_arrays: inImage, host_arrays: onHost, root },
        ...(byName ? { severity: 'fatal' } : {}),
      };
    }
  },
};

interface ArrayLine {
  readonly name: string;
  readonly uuid: string;
}

function frozenConf({ tree }: ImageFacts): { path: string; text: string } | null {
  for (const path of ['etc/mdadm.conf', 'etc/mdadm/mdadm.conf']) {
    const text = tree.text(path);
    if (text !== null) return { path, text };
  }
  return null;
}

/** `ARRAY /dev/md0 … UUID=…` lines of mdadm.conf(5); a line that begins with white space goes on the one before. */
function arrays(text: string): readonly ArrayLine[] {
  const lines = text.replace(/\n[ \t]+/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const [keyword = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    const uuid = words.find((word) => /^uuid=/i.test(word))?.slice('uuid='.length);
    if (!/^arr(ay?)?$/i.test(keyword) || uuid === undefined) return [];
    const name = words.find((word) => !word.includes('=')) ?? '';
    return [{ name: name.replace(/^\/dev\/(md\/)?/, ''), uuid: bareUuid(uuid) }];
  });
}

function arrayUuids(id: string, storage: StorageFacts): readonly string[] {
  const node = storage.nodes.find((other) => other.id === id);
  if (node === undefined) return [];
  return [node.uuid, ...nodesBelow(storage, node).map(({ uuid }) => uuid)]
    .filter((uuid) => uuid !== null)
    .map(bareUuid);
}

function bareUuid(uuid: string): string {
  return uuid.toLowerCase().replace(/[-:]/g, '');
}
