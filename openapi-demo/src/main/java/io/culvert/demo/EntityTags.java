package io.culvert.demo;

import java.util.Arrays;

/** The conditions {@code If-Match} and {@code If-None-Match} of RFC 9110, section 13.1. */
final class EntityTags {
  private EntityTags() {}

  /**
   * Passes if the header is absent or allows the change of something whose tag is {@code etag}.
   *
   * @param ifMatch null if absent
   * @throws ProblemException 412 otherwise
   */
  static void requireMatch(String ifMatch, String etag) {
    if (ifMatch != null && !lists(ifMatch, etag)) {
      throw Problem.refuse(
          412, "Precondition failed", "The entity tag is " + etag + ", not " + ifMatch + ".");
    }
  }

  /**
   * Whether the caller already has this version. The comparison is weak, as the RFC demands: a
   * cache on the way may have weakened the tag.
   *
   * @param ifNoneMatch null if absent
   */
  static boolean known(String ifNoneMatch, String etag) {
    return ifNoneMatch != null && lists(ifNoneMatch.replace("W/\"", "\""), etag);
  }

  private static boolean lists(String header, String etag) {
    return header.equals("*")
        || Arrays.stream(header.split(",", -1)).anyMatch(t -> t.strip().equals(etag));
  }
}
