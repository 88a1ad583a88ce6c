# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.bellwether.boot.plugins.plugin_utils.shipping import ShippingAction


class ActionModule(ShippingAction):
    """Has the bundle on the host before the module runs."""
