/* SPDX-License-Identifier: GPL-2.0 */
/* Maps a ring into the address space of a program. */
#ifndef _TCPT_RING_MMAP_H
#define _TCPT_RING_MMAP_H

struct tcpt_ring;
struct vm_area_struct;

int tcpt_ring_mmap(struct tcpt_ring *ring, struct vm_area_struct *vma);

#endif /* _TCPT_RING_MMAP_H */
