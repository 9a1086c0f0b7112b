/* SPDX-License-Identifier: GPL-2.0 */
/* A ring in the memory of a program. */
#ifndef _TCPT_MAPPING_H
#define _TCPT_MAPPING_H

#include "reader.h"

struct vm_area_struct;

int tcpt_mapping_make(struct tcpt_reader *reader, struct vm_area_struct *vma);

#endif /* _TCPT_MAPPING_H */
