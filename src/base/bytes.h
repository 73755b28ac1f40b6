/* SPDX-License-Identifier: MIT */
/* bytes: bounded little-endian reads. A byte that is not there reads as zero. */
#ifndef NB_BASE_BYTES_H
#define NB_BASE_BYTES_H

#include <numaboot/base.h>

static inline uint8_t nb_u8(struct nb_bytes bytes, size_t offset)
{
	return offset < bytes.len ? bytes.at[offset] : 0;
}

static inline uint64_t nb_le(struct nb_bytes bytes, size_t offset, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)nb_u8(bytes, offset + i) << (8 * i);
	return value;
}

static inline uint16_t nb_le16(struct nb_bytes bytes, size_t offset)
{
	return (uint16_t)nb_le(bytes, offset, 2);
}

static inline uint32_t nb_le32(struct nb_bytes bytes, size_t offset)
{
	return (uint32_t)nb_le(bytes, offset, 4);
}

static inline uint64_t nb_le64(struct nb_bytes bytes, size_t offset)
{
	return nb_le(bytes, offset, 8);
}

/* The part of bytes from offset on, at most len; empty if it begins beyond. */
static inline struct nb_bytes nb_slice(struct nb_bytes bytes, size_t offset, size_t len)
{
	if (offset >= bytes.len)
		return (struct nb_bytes){ .at = bytes.at + bytes.len,
					  .offset = bytes.offset + (uint32_t)bytes.len };
	return (struct nb_bytes){
		.at = bytes.at + offset,
		.len = nb_min(len, bytes.len - offset),
		.offset = bytes.offset + (uint32_t)offset,
	};
}

#endif
