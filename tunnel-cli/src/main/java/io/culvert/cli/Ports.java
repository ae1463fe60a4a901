package io.culvert.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A TCP port; 0 is a free one. */
final class Ports implements ITypeConverter<Integer> {
  private static final int MOST = 65_535;

  @Override
  public Integer convert(String text) {
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    if (port < 0 || port > MOST) {
      throw new TypeConversionException("expected a TCP port from 0 to 65535, but got " + text);
    }
    return port;
  }
}
