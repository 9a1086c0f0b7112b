// SPDX-License-Identifier: GPL-2.0
/*
 * A search for a user may read /etc/passwd or ask a remote host, so the result
 * is kept for up to a second.
 */
#include "user.h"

#include <pwd.h>
#include <stdio.h>
#include <time.h>

/**
 * struct user - the cached name of a user
 * @uid: number of the user
 * @looked: time of the search, 0: never
 * @name: name or number of the user
 */
struct user {
	u32 uid;
	time_t looked;
	char name[USER_LEN];
};

/**
 * user_name - find the name of a user
 * @uid: number of the user
 *
 * Return: the name, or @uid as text if the user has no name; valid until the
 * next call.
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
