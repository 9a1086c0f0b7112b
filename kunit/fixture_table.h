/* SPDX-License-Identifier: GPL-2.0 */
/* Direct access to the table of a fixture, without the tracker. */
#ifndef _TCPT_KUNIT_FIXTURE_TABLE_H
#define _TCPT_KUNIT_FIXTURE_TABLE_H

#include "fixture.h"

u32 tcpt_fixture_key(struct fixture *fx, u32 flow, struct tcpt_flow *key);
struct tcpt_conn *tcpt_fixture_find(struct fixture *fx, u32 flow);
const struct tcpt_track *tcpt_fixture_track(struct fixture *fx, u32 flow);
u32 tcpt_fixture_collide(struct fixture *fx, u32 flow, unsigned int bucket);

struct tcpt_conn *tcpt_fixture_open(struct fixture *fx, u32 flow);
int tcpt_fixture_insert(struct fixture *fx, u32 flow);
void tcpt_fixture_take_out(struct fixture *fx, u32 flow);
void tcpt_fixture_queue(struct fixture *fx, u32 flow, enum tcpt_queue queue);

#endif /* _TCPT_KUNIT_FIXTURE_TABLE_H */
