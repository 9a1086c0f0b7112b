// SPDX-License-Identifier: GPL-2.0
#include "mapping.h"

#include "buffer.h"
#include "consumer.h"

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/wait.h>

static struct tcpt_ring *ring_of(const struct vm_area_struct *vma)
{
	struct tcpt_reader *reader = vma->vm_private_data;

	return &reader->ring;
}

/* Of all that can be mapped only the consumer page may be written. */
static bool is_consumer_page(unsigned long first, unsigned long pages)
{
	return first == TCPTRACE_PAGE_CONSUMER && pages == 1;
}

/* A fork, a split, or mremap() has copied a mapping. */
static void mapping_open(struct vm_area_struct *vma)
{
	tcpt_consumer_map_again(ring_of(vma));
}

static void mapping_close(struct vm_area_struct *vma)
{
	tcpt_consumer_unmap(ring_of(vma));
}

/*
 * 6.1 and 6.12 have no way in common to take VM_MAYWRITE away, or to set
 * VM_DONTEXPAND. So this keeps the other pages read-only, and a mapping that
 * mremap() has made larger gives no more than it had: see mapping_fault().
 */
static int mapping_mprotect(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end, unsigned long flags)
{
	unsigned long first = linear_page_index(vma, start);

	if (flags & VM_WRITE && !is_consumer_page(first, PFN_DOWN(end - start)))
		return -EPERM;
	return 0;
}

/* The ring keeps its size and its memory as long as it is mapped. */
static vm_fault_t mapping_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page = tcpt_buffer_page(ring_of(vma), vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	if (vma->vm_flags & VM_WRITE && !is_consumer_page(vmf->pgoff, 1))
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct mapping_ops = {
	.open		= mapping_open,
	.close		= mapping_close,
	.mprotect	= mapping_mprotect,
	.fault		= mapping_fault,
};

/**
 * tcpt_mapping_make - map a part of a reader's ring
 * @reader: the reader; it stays as long as the mapping
 * @vma: what to map, and where
 *
 * Context: process, mmap_lock held: read_lock is outside of it.
 * Return: 0; -EINVAL for a private mapping, one past the end of the ring, or
 * one of the consumer page and others; -EPERM if it could be written and is
 * not the consumer page; -EBUSY while a call takes records.
 */
int tcpt_mapping_make(struct tcpt_reader *reader, struct vm_area_struct *vma)
{
	unsigned long first = vma->vm_pgoff, pages = vma_pages(vma);
	int ret;

	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (first == TCPTRACE_PAGE_CONSUMER && pages != 1)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE && !is_consumer_page(first, pages))
		return -EPERM;
	if (first + pages < first)
		return -EINVAL;
	ret = tcpt_consumer_map(&reader->ring, first + pages);
	if (ret)
		return ret;
	vma->vm_private_data = reader;
	vma->vm_ops = &mapping_ops;
	/* a read() that waits is told that it need not */
	wake_up_interruptible(&reader->wait);
	return 0;
}
