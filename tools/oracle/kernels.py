# SPDX-License-Identifier: MIT
"""Find, download (with apt-get) and unpack the kernels and busybox to boot.

Everything lands in $NUMABOOT_ORACLE_CACHE, by default
${XDG_CACHE_HOME:-~/.cache}/numaboot-oracle, one directory per package.
"""

import fcntl
import os
import re
import shutil
import subprocess

KERNEL_LINES = {
    "5.10": r"linux-image-5\.10\.0-(\d+)-amd64-unsigned$",
    "6.1": r"linux-image-6\.1\.0-(\d+)-amd64-unsigned$",
    "6.12": r"linux-image-6\.12\.(\d+)\+deb\d+-amd64-unsigned$",
    "7.3": r"linux-binary-7\.3\.(\d+)\+deb\d+-amd64$",
    "6.1-i386": r"linux-image-6\.1\.0-(\d+)-686-pae-unsigned$",
}

# Lines whose packages are in another Debian suite than this machine's. The
# suite is read from the same mirror into lists of our own; the system's
# package lists stay as they are.
SUITES = {"5.10": "bullseye", "7.3": "trixie-backports"}


def architecture(line):
    return "i386" if line.endswith("-i386") else "amd64"


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.environ.get("NUMABOOT_ORACLE_CACHE") or os.path.join(base, "numaboot-oracle")
    os.makedirs(path, exist_ok=True)
    return path


def mirror():
    """The address of the Debian mirror that this machine uses."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)",
                              "Created-By: Packages"], check=True, capture_output=True, text=True).stdout
    for target in targets.splitlines():
        site, _, component = target.split()
        if component == "main" and not site.rstrip("/").endswith("-security"):
            return site
    raise SystemExit("apt knows no Debian mirror; run apt-get update first")


def apt_options(line):
    """Options that make apt see the suite of this line, none for our own."""
    if line not in SUITES:
        return []
    root = os.path.join(cache_dir(), "apt-" + SUITES[line])
    sources = os.path.join(root, "sources.list")
    options = ["-o", "Dir::Etc::sourcelist=" + sources, "-o", "Dir::Etc::sourceparts=-",
               "-o", "Dir::State::lists=" + os.path.join(root, "lists"),
               "-o", "Dir::Cache=" + os.path.join(root, "cache"), "-o", "APT::Architectures=amd64"]
    if not os.path.exists(sources):
        os.makedirs(os.path.join(root, "lists", "partial"), exist_ok=True)
        os.makedirs(os.path.join(root, "cache", "archives", "partial"), exist_ok=True)
        with open(sources + ".part", "w") as out:
            # the keys of a later suite are not on this machine
            out.write("deb [trusted=yes] %s %s main\n" % (mirror(), SUITES[line]))
        os.rename(sources + ".part", sources)
        subprocess.run(["apt-get", "-q"] + options + ["update"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return options


def newest_available(line):
    """Candidate package names of this line, the newest first."""
    pattern = re.compile(KERNEL_LINES[line])
    names = subprocess.run(["apt-cache"] + apt_options(line) + ["pkgnames", "linux-"], check=True,
                           capture_output=True, text=True).stdout.split()
    found = {n: int(pattern.match(n).group(1)) for n in names if pattern.match(n)}
    return sorted(found, key=found.get, reverse=True)


def unpacked(package, arch):
    """The directory with the package's files, or None if it is not cached."""
    path = os.path.join(cache_dir(), "%s_%s" % (package, arch))
    return path if os.path.isdir(path) else None


def keep_only_the_kernel(files):
    """Drops the modules; brings a kernel that lies among them (7.x) to boot/."""
    for modules in (os.path.join(files, "lib", "modules"), os.path.join(files, "usr", "lib", "modules")):
        for release in os.listdir(modules) if os.path.isdir(modules) else ():
            image = os.path.join(modules, release, "vmlinuz")
            if os.path.exists(image):
                os.makedirs(os.path.join(files, "boot"), exist_ok=True)
                os.rename(image, os.path.join(files, "boot", "vmlinuz-" + release))
        shutil.rmtree(modules, ignore_errors=True)


def download(package, arch, options=()):
    """apt-get download and unpack one package; returns its directory."""
    target = os.path.join(cache_dir(), "%s_%s" % (package, arch))
    work = target + ".part"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    subprocess.run(["apt-get", "-q", *options, "download", "%s:%s" % (package, arch)], cwd=work, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deb = [n for n in os.listdir(work) if n.endswith(".deb")][0]
    subprocess.run(["dpkg-deb", "-x", os.path.join(work, deb), os.path.join(work, "files")], check=True)
    with open(os.path.join(work, "files", "package-file"), "w") as out:
        out.write(deb + "\n")
    keep_only_the_kernel(os.path.join(work, "files"))
    os.rename(os.path.join(work, "files"), target)
    shutil.rmtree(work)
    return target


def locked(function):
    """Only one process at a time fills the cache."""
    def wrapper(*args):
        with open(os.path.join(cache_dir(), "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return function(*args)
    return wrapper


@locked
def kernel(line):
    """(path of the bzImage, package name) of a kernel line.

    The line is pinned at the first download: the cache remembers the package,
    so that all cases of a set come from one kernel.
    """
    pin = os.path.join(cache_dir(), "pin-" + line)
    arch = architecture(line)
    if os.path.exists(pin):
        candidates = [open(pin).read().strip()]
    else:
        candidates = newest_available(line)
    for package in candidates:
        directory = unpacked(package, arch)
        if directory is None:
            try:
                directory = download(package, arch, apt_options(line))
            except subprocess.CalledProcessError:
                continue
        with open(pin, "w") as out:
            out.write(package + "\n")
        boot = os.path.join(directory, "boot")
        image = [n for n in os.listdir(boot) if n.startswith("vmlinuz-")][0]
        return os.path.join(boot, image), package
    raise SystemExit("no kernel of line %s can be downloaded; is the architecture %s added, "
                     "and did apt-get update run?" % (line, arch))


@locked
def busybox(line):
    """A static busybox that runs on a kernel of this line."""
    if architecture(line) == "amd64" and shutil.which("busybox"):
        return shutil.which("busybox")
    arch = architecture(line)
    directory = unpacked("busybox-static", arch) or download("busybox-static", arch)
    for name in ("bin/busybox", "usr/bin/busybox"):
        if os.path.exists(os.path.join(directory, name)):
            return os.path.join(directory, name)
    raise SystemExit("busybox-static:%s holds no busybox" % arch)
