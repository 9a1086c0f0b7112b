/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/tcptrace; Documentation/abi.rst lists its guarantees. */
#ifndef _TCPT_CHARDEV_H
#define _TCPT_CHARDEV_H

int tcpt_chardev_register(void);
void tcpt_chardev_unregister(void);

#endif /* _TCPT_CHARDEV_H */
