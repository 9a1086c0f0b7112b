// SPDX-License-Identifier: GPL-2.0
/*
 * Each search for a user reads /etc/passwd or asks a remote host, so the result
 * is kept for a second.
 */
#include "user.h"

#include <pwd.h>
#include <stdio.h>
#include <time.h>

/**
 * struct user - the kept name of a user
 * @uid: its number
 * @looked: when, 0: never
 * @name: its name, or its number
 */
struct user {
	u32 uid;
	time_t looked;
	char name[USER_LEN];
};

/**
 * user_name - the name of a user
 * @uid: its number
 *
 * Return: the name, or the number if it has none; valid until the next call.
 */
const char *user_name(u32 uid)
{
	static struct user users[64];
	struct user *user = &users[uid % ARRAY_SIZE(users)];
	const struct passwd *found;
	time_t now = time(NULL);

	if (user->looked == now && user->uid == uid)
		return user->name;
	user->uid = uid;
	user->looked = now;
	found = getpwuid(uid);
	if (found)
		snprintf(user->name, sizeof(user->name), "%s", found->pw_name);
	else
		snprintf(user->name, sizeof(user->name), "%u", uid);
	return user->name;
}
