/* SPDX-License-Identifier: GPL-2.0 */
/* Remove IEEE 802.11 headers, and the headers that drivers put before them. */
#ifndef _TCPTRACECTL_IEEE80211_H
#define _TCPTRACECTL_IEEE80211_H

#include "link_bytes.h"

enum {
	IEEE80211_PRESENT_MAX	= 16,	/* bitmaps of a radiotap header */
};

enum link_result ieee80211_strip(struct link_bytes *b);
enum link_result ieee80211_strip_radiotap(struct link_bytes *b);
enum link_result ieee80211_strip_avs(struct link_bytes *b);
enum link_result ieee80211_strip_prism(struct link_bytes *b);

#endif /* _TCPTRACECTL_IEEE80211_H */
