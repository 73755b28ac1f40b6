/* SPDX-License-Identifier: MIT */
/*
 * replay: a target without libFuzzer: runs it over the files, and the files in
 * the directories, that the command line names. For seeds, and for an input that
 * a fuzzer has found.
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static unsigned runs;

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size = -1;
	bool whole;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size >= 0)
		data = malloc(size ? (size_t)size : 1);
	if (data)
		rewind(file);
	whole = data && fread(data, 1, (size_t)size, file) == (size_t)size;
	if (file)
		fclose(file);
	if (whole) {
		LLVMFuzzerTestOneInput(data, (size_t)size);
		runs++;
	} else {
		perror(path);
	}
	free(data);
	return whole ? 0 : 1;
}

static int run_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!dir) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir))) {
		char file[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		failed |= run_file(file);
	}
	closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		struct stat stat_of;

		if (stat(argv[i], &stat_of) == 0 && S_ISDIR(stat_of.st_mode))
			failed |= run_directory(argv[i]);
		else
			failed |= run_file(argv[i]);
	}
	printf("%u inputs\n", runs);
	return failed || !runs;
}
