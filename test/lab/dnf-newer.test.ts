import { expect, it } from '@jest/globals';
import { EVR, KMOD } from '../setup/rpms.mjs';
import { packageOf, whyNoDnf4, withDnf4 } from '../support/rpm-host.ts';
import { describeUnless } from '../support/where.ts';

const FAMILY = ['kernel', 'kernel-core', 'kernel-modules'];
const OLD = [...FAMILY.map((name) => `${name}-${EVR.old}`), `kmod-${KMOD.old}`];
const family = FAMILY.map((name) => packageOf(name, EVR.old));
const kmod = packageOf('kmod', KMOD.old);

describeUnless(whyNoDnf4(), 'dnf 4.23', () => {
  it('is told to hold the whole kernel family, and does', async () => {
    await withDnf4(OLD, async (host) => {
      const { manager } = host;
      expect(await Promise.all(family.map((each) => manager.wouldMove(each)))).toEqual([EVR.new, EVR.new, EVR.new]);
      const locks = await host.lock(family);
      expect(locks.map(({ name, version }) => [name, version])).toEqual(FAMILY.map((name) => [name, EVR.old]));
      expect(await Promise.all(family.map((each) => manager.wouldMove(each)))).toEqual([null, null, null]);
      await host.run('/usr/bin/dnf', ['--assumeyes', 'upgrade']);
      expect(await host.installed('kernel-core', 'kmod')).toEqual([`kernel-core-${EVR.old}`, `kmod-${KMOD.new}`]);
    });
  });

  it('reinstalls what is damaged, in the same version', async () => {
    await withDnf4(OLD, async (host) => {
      await host.sh('echo damage > /usr/bin/kmod');
      expect(await host.manager.verify(['kmod'])).toMatchObject([{ damaged: true }]);
      await host.carryOut(await host.manager.planReinstall([kmod], true));
      expect(await host.manager.verify(['kmod'])).toMatchObject([{ version: KMOD.old, damaged: false }]);
    });
  });
});
