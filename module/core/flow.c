// SPDX-License-Identifier: GPL-2.0
#include "flow.h"

/**
 * tcpt_flow_is_self - check whether a socket is connected to itself
 * @flow: the key
 *
 * Context: any.
 * Return: true if both ends have the same address and port.
 */
bool tcpt_flow_is_self(const struct tcpt_flow *flow)
{
	return flow->port[0] == flow->port[1] &&
	       !memcmp(flow->addr[0], flow->addr[1], sizeof(flow->addr[0]));
}
