// SPDX-License-Identifier: GPL-2.0
/*
 * Hash exactly four words by SipHash-1-3 (Aumasson and Bernstein) or by lookup3
 * (Jenkins). The code was written from the papers.
 */
#include "hash.h"

static u64 left64(u64 value, u32 by)
{
	return value << by | value >> (64 - by);
}

static u32 left32(u32 value, u32 by)
{
	return value << by | value >> (32 - by);
}

static void sip_round(u64 v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = left64(v[1], 13) ^ v[0];
	v[3] = left64(v[3], 16) ^ v[2];
	v[0] = left64(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = left64(v[1], 17) ^ v[2];
	v[3] = left64(v[3], 21) ^ v[0];
	v[2] = left64(v[2], 32);
}

static void sip_take(u64 v[4], u64 message)
{
	v[3] ^= message;
	sip_round(v);
	v[0] ^= message;
}

/**
 * hash_siphash13 - compute the lower half of SipHash-1-3, without the length
 * @word: HASH_WORDS words
 * @key0: first half of the key
 * @key1: second half of the key
 *
 * Return: the hash.
 */
u32 hash_siphash13(const u32 *word, u64 key0, u64 key1)
{
	u64 v[4] = {
		key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d,
		key0 ^ 0x6c7967656e657261, key1 ^ 0x7465646279746573,
	};

	sip_take(v, (u64)word[1] << 32 | word[0]);
	sip_take(v, (u64)word[3] << 32 | word[2]);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return (u32)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}

/**
 * hash_jhash - compute lookup3's hashword() with an initial value of 0
 * @word: HASH_WORDS words
 *
 * Return: the hash.
 */
u32 hash_jhash(const u32 *word)
{
	u32 c = 0xdeadbeef + 4 * HASH_WORDS, b = c, a = c;

	a += word[0];
	b += word[1];
	c += word[2];
	a = (a - c) ^ left32(c, 4), c += b;
	b = (b - a) ^ left32(a, 6), a += c;
	c = (c - b) ^ left32(b, 8), b += a;
	a = (a - c) ^ left32(c, 16), c += b;
	b = (b - a) ^ left32(a, 19), a += c;
	c = (c - b) ^ left32(b, 4), b += a;
	a += word[3];
	c = (c ^ b) - left32(b, 14);
	a = (a ^ c) - left32(c, 11);
	b = (b ^ a) - left32(a, 25);
	c = (c ^ b) - left32(b, 16);
	a = (a ^ c) - left32(c, 4);
	b = (b ^ a) - left32(a, 14);
	return (c ^ b) - left32(b, 24);
}
