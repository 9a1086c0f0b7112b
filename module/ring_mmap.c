// SPDX-License-Identifier: GPL-2.0
#include "ring_mmap.h"

#include "ring.h"

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

/* A program may write only to the consumer page. */
static bool is_consumer_page(unsigned long first, unsigned long pages)
{
	return first == TCPTRACE_PAGE_CONSUMER && pages == 1;
}

/* Called when a mapping has been copied by fork(), a split or mremap(). */
static void ring_vm_open(struct vm_area_struct *vma)
{
	tcpt_ring_map_copy(vma->vm_private_data);
}

static void ring_vm_close(struct vm_area_struct *vma)
{
	tcpt_ring_unmap(vma->vm_private_data);
}

/*
 * Linux 6.1 and 6.12 have no common interface that clears VM_MAYWRITE or sets
 * VM_DONTEXPAND. So this function keeps all pages but the consumer page
 * read-only. If mremap() has enlarged a mapping, ring_vm_fault() maps no page
 * beyond the ring.
 */
static int ring_vm_mprotect(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end, unsigned long flags)
{
	unsigned long first = linear_page_index(vma, start);

	if (flags & VM_WRITE && !is_consumer_page(first, PFN_DOWN(end - start)))
		return -EPERM;
	return 0;
}

/* The size and the memory of a mapped ring do not change. */
static vm_fault_t ring_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page = tcpt_ring_page(vma->vm_private_data, vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	if (vma->vm_flags & VM_WRITE && !is_consumer_page(vmf->pgoff, 1))
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct ring_vm_ops = {
	.open		= ring_vm_open,
	.close		= ring_vm_close,
	.mprotect	= ring_vm_mprotect,
	.fault		= ring_vm_fault,
};

/*
 * From 6.12 on, before mmap() calls any function here, it merges a new mapping
 * with an adjacent mapping that has the same file and the same flags.
 * vm_insert_page() sets VM_MIXEDMAP, so an existing mapping never has the flags
 * of a new mapping.
 */
static int forbid_merge(struct tcpt_ring *ring, struct vm_area_struct *vma)
{
	return vm_insert_page(vma, vma->vm_start,
			      tcpt_ring_page(ring, vma->vm_pgoff));
}

/**
 * tcpt_ring_mmap - map a part of a ring
 * @ring: the ring; it must outlive the mapping
 * @vma: the mapping to fill in
 *
 * Context: process, mmap_lock held; read_lock is taken outside mmap_lock.
 * Return: 0; -EINVAL for a private mapping, a mapping past the end of the ring,
 * or a mapping of the consumer page with other pages; -EPERM for a writable
 * mapping of other pages; -EBUSY while a call has claimed the ring; -ENOMEM.
 */
int tcpt_ring_mmap(struct tcpt_ring *ring, struct vm_area_struct *vma)
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
	ret = tcpt_ring_map(ring, first + pages);
	if (ret)
		return ret;
	ret = forbid_merge(ring, vma);
	if (ret) {
		tcpt_ring_unmap(ring);
		return ret;
	}
	vma->vm_private_data = ring;
	vma->vm_ops = &ring_vm_ops;
	return 0;
}
