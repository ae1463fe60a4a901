package io.culvert.websocket;

/** An adapter was chosen whose library is not on the class path; the message names the artifact. */
public final class MissingLibraryException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private MissingLibraryException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Checks that a library is there. To be called by the part of an adapter that does not name the
   * library's types itself.
   *
   * @param adapter what the user has chosen, such as {@code JettyDialer}
   * @param className a class of the library
   * @param artifact {@code group:artifact} of the library
   * @throws MissingLibraryException if it is not there
   */
  public static void require(Class<?> adapter, String className, String artifact) {
    try {
      Class.forName(className, false, adapter.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw new MissingLibraryException(
          adapter.getSimpleName()
              + " needs the library "
              + artifact
              + ": add it to the dependencies, or choose another adapter",
          e);
    }
  }
}
