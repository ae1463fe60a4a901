package io.culvert.relay.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is read again when it changes. New content counts once two looks in a row have found
 * the same, so that a file which is being written in place is not taken for one with entries
 * removed. Content that the reader refuses is logged once and changes nothing.
 */
final class WatchedFile {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);

  /** Between two looks: a change counts within twice this time. */
  static final Duration INTERVAL = Duration.ofMillis(500);

  /** Writes within the granularity of file times (2 s on FAT) may leave them as they were. */
  private static final Duration GRANULARITY = Duration.ofSeconds(2);

  /** Takes new content over, or refuses it whole. */
  interface Reader {
    void read(byte[] content) throws IOException;
  }

  /** What tells that a file was written or replaced, without reading it. */
  private record Stamp(FileTime modified, long size, Object key) {}

  private final Path file;
  private final Reader reader;

  // Guarded by this.
  private Stamp stamp;
  private boolean stampSettled;
  private byte[] current;
  private byte[] seen;

  /** What was logged last, until the file can be read; null for nothing. */
  private String logged;

  /** Reads the file for the first time. */
  WatchedFile(Path file, Reader reader) throws IOException {
    this.file = file;
    this.reader = reader;
    try {
      current = look();
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": expected a file, but there is none", e);
    }
    seen = current;
    reader.read(current);
  }

  /** Looks whether there is new content; true if the reader took some. */
  synchronized boolean check() {
    try {
      byte[] now = look();
      logged = null;
      if (now == null) {
        return false;
      }
      boolean stable = Arrays.equals(now, seen);
      seen = now;
      if (!stable) {
        stamp = null;
        return false;
      }
      if (Arrays.equals(now, current)) {
        return false;
      }
      current = now;
      reader.read(now);
      LOG.info("read {} again", file);
      return true;
    } catch (NoSuchFileException e) {
      stamp = null;
      logOnce(file + ": expected a file, but it is gone");
      return false;
    } catch (IOException e) {
      stamp = null;
      logOnce(String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void logOnce(String problem) {
    if (!problem.equals(logged)) {
      logged = problem;
      LOG.error("{}; what was read before stays in force", problem);
    }
  }

  /** The content, or null if nothing can have changed. */
  private byte[] look() throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    Stamp before = stamp;
    boolean settled = stampSettled;
    stamp = new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
    stampSettled = now.lastModifiedTime().toInstant().isBefore(Instant.now().minus(GRANULARITY));
    if (settled && stamp.equals(before)) {
      return null;
    }
    if (!Objects.equals(stamp, before)) {
      warnIfWritableByOthers();
    }
    if (now.size() > YamlNode.MAX_BYTES) {
      throw new IOException(
          file + ": expected at most " + YamlNode.MAX_BYTES + " bytes, but got " + now.size());
    }
    return Files.readAllBytes(file);
  }

  private void warnIfWritableByOthers() {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
        LOG.warn("{} may be written by everybody: chmod o-w {}", file, file);
      }
    } catch (UnsupportedOperationException | IOException e) {
      LOG.debug("the permissions of {} are not known", file);
    }
  }
}
