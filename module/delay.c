// SPDX-License-Identifier: GPL-2.0
#include "delay.h"

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/time64.h>

#define DELAY_MAX	100000	/* us; use at most 1000 where BH is off */

static unsigned int delay_at;	/* READ_ONCE */
static unsigned int delay_us;	/* READ_ONCE */

static int set_delay_at(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, BIT(TCPT_DELAYS) - 1);
}

static int set_delay_us(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, DELAY_MAX);
}

static const struct kernel_param_ops delay_at_ops = {
	.set = set_delay_at,
	.get = param_get_uint,
};

static const struct kernel_param_ops delay_us_ops = {
	.set = set_delay_us,
	.get = param_get_uint,
};

module_param_cb(delay_at, &delay_at_ops, &delay_at, 0600);
MODULE_PARM_DESC(delay_at, "windows that are made wide, 1 << enum tcpt_delay_at");
module_param_cb(delay_us, &delay_us_ops, &delay_us, 0600);
MODULE_PARM_DESC(delay_us, "how long, 0 to 100000 microseconds");

/**
 * tcpt_delay - delay the caller in a race window, if a test asks for a delay
 * @at: which window
 *
 * Context: any but hard interrupts.
 */
void tcpt_delay(enum tcpt_delay_at at)
{
	unsigned int us = READ_ONCE(delay_us);

	if (!(READ_ONCE(delay_at) & BIT(at)))
		return;
	mdelay(us / USEC_PER_MSEC);
	udelay(us % USEC_PER_MSEC);
}
