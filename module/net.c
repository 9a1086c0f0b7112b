// SPDX-License-Identifier: GPL-2.0
#include "net.h"

#include <net/net_namespace.h>
#include <net/netns/generic.h>

/* Set when the namespaces are registered; constant from then on. */
unsigned int tcpt_net_id;

/**
 * tcpt_net_get - get the module's data of a network namespace
 * @net: a namespace that is alive
 *
 * Context: any.
 * Return: the data.
 */
struct tcpt_net *tcpt_net_get(const struct net *net)
{
	return net_generic(net, tcpt_net_id);
}
