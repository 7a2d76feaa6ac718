"""Operations that look at a pixel's neighbours: blur, sharpen, edges, denoise, median, pixelate."""

from __future__ import annotations

from labapp.pictures import exact, frames
from labapp.pictures.exact import Defined, Image
from labapp.pictures.frames import Floats, Frame, filter_in_strips
from labapp.pictures.kernels import gaussian, rank
from labapp.pictures.lazy import color, cv2, filters, np
from labapp.pictures.registry import length, number, operation


def _blurred(frame: Frame, sigma: float) -> Defined:
    """Run skimage.filters.gaussian with its mode 'nearest' over each channel."""
    return exact.each_channel(frame, lambda plane: filters.gaussian(plane, sigma))


@operation(
    "Blur",
    length("sigma", "Sigma", 2.0, 0.1, 50.0, 0.1, "Standard deviation of the blur, in pixels."),
    definition=_blurred,
    reach=gaussian.reach_of,
    grid=gaussian.grid_of,
)
def blur(frame: Frame, sigma: float) -> Frame:
    """Soften with a Gaussian."""
    return gaussian.blur(frame, sigma)


def _sharpened(frame: Frame, radius: float, amount: float) -> Defined:
    """Run skimage.filters.unsharp_mask over each channel."""
    return exact.each_channel(frame, lambda plane: filters.unsharp_mask(plane, radius, amount))


@operation(
    "Sharpen",
    length("radius", "Radius", 1.0, 0.1, 10.0, 0.1, "Sigma of the blur taken away, in pixels."),
    number("amount", "Amount", 1.0, 0.0, 5.0, 0.1, "How much of the difference is added."),
    definition=_sharpened,
    reach=lambda radius, amount: gaussian.radius_of(radius),
)
def sharpen(frame: Frame, radius: float, amount: float) -> Frame:
    """Add what a blur takes away (unsharp mask)."""

    def sharpened(strip: Floats) -> Floats:
        soft = gaussian.convolve(strip, radius, border=cv2.BORDER_REFLECT)
        return cv2.addWeighted(strip, 1.0 + amount, soft, -amount, 0.0)

    return filter_in_strips(frame, gaussian.radius_of(radius), sharpened)


def _edged(frame: Frame) -> Defined:
    """Run skimage.filters.sobel over the grey picture; what is transparent has no edge."""

    def seen(part: Image) -> Image:
        """Give the grey of what alpha lets through."""
        colours = part[..., :-1] * part[..., -1:]
        return color.rgb2gray(colours) if colours.shape[-1] == 3 else colours[..., 0]

    grey = exact.each_pixel(frame, seen) if frames.has_alpha(frame) else exact.grey(frame)
    return exact.with_alpha(iter([filters.sobel(grey)]), frame)


@operation("Edges", definition=_edged, reach=lambda: 1)
def edges(frame: Frame) -> Frame:
    """Show the edges of the grey picture, white on black (Sobel)."""
    out = np.empty(frame.shape[:2], frame.dtype)
    depth = cv2.CV_16U if frame.dtype == np.uint16 else cv2.CV_8U
    for rows in frames.bands(frame):
        first, last = max(rows.start - 1, 0), min(rows.stop + 1, len(frame))
        part = frame[first:last]
        if frames.has_alpha(frame):
            part = frames.to_floats(part)
            part = np.ascontiguousarray(part[..., 0] if part.shape[2] == 2 else part[..., :3])
        grey = frames.grey_of(part)
        across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REFLECT)
        down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REFLECT)
        # Four is the weight of one side of the kernel; the directions are averaged as squares.
        scale = 1 / (4 * 2**0.5)
        size = cv2.magnitude(across, down)[rows.start - first :][: rows.stop - rows.start]
        shown = cv2.addWeighted(size, scale, size, 0.0, 0.0, dtype=depth)
        out[rows] = shown.reshape(out[rows].shape)
    return frames.join_alpha(out, frame[..., -1]) if frames.has_alpha(frame) else out


def _denoised(frame: Frame, strength: float, sigma: float) -> Defined:
    """Average each channel over a disc of three sigma, weighed by Gaussians of place and value."""
    # Not `skimage.restoration.denoise_bilateral`: in 0.26 its table of spatial weights has a row
    # and a column too many and is read at the wrong places, so near pixels do not weigh most.
    reach = int(np.ceil(3 * sigma))
    offsets = range(-reach, reach + 1)
    disc = [(y, x) for y in offsets for x in offsets if np.hypot(y, x) <= reach]

    def averaged(plane: Image) -> Image:
        result, padded = np.empty_like(plane), np.pad(plane, reach, mode="edge")
        for rows in frames.bands(plane):
            here = plane[rows]
            total, weights = np.zeros_like(here), np.zeros_like(here)
            for y, x in disc:
                top, left = rows.start + reach + y, reach + x
                other = padded[top : top + here.shape[0], left : left + here.shape[1]]
                difference = (other - here) / (strength / 255)
                weight = np.exp(-0.5 * ((y * y + x * x) / sigma**2 + difference**2))
                total += weight * other
                weights += weight
            result[rows] = total / weights
        return result

    return exact.each_channel(frame, averaged)


@operation(
    "Denoise",
    number("strength", "Strength", 25.0, 1.0, 100.0, 1.0, "Differences smoothed, of 255 levels."),
    length("sigma", "Sigma", 1.5, 0.5, 5.0, 0.5, "How far it looks, in pixels."),
    definition=_denoised,
    reach=lambda strength, sigma: rank.reach_of(sigma),
)
def denoise(frame: Frame, strength: float, sigma: float) -> Frame:
    """Smooth noise and keep edges (bilateral filter)."""
    return rank.bilateral(frame, strength, sigma)


def _middle(frame: Frame, radius: int) -> Defined:
    """Run skimage.filters.median with a square footprint over each channel."""
    square = np.ones((2 * radius + 1,) * 2)
    return exact.each_channel(frame, lambda plane: filters.median(plane, square, mode="nearest"))


@operation(
    "Median",
    length("radius", "Radius", 1, 1, 7, 1, "Of the square, in pixels: 1 is a square of 3."),
    definition=_middle,
    reach=lambda radius: radius,
)
def median(frame: Frame, radius: int) -> Frame:
    """Replace each pixel by the median of a square around it; removes specks."""
    return rank.median(frame, radius)


def _in_blocks(frame: Frame, size: int) -> Defined:
    """Take the mean of each block, or of what the border leaves of it."""

    def means(plane: Image) -> Image:
        (height, width), sums = plane.shape, plane
        counts = np.ones_like(plane)
        for axis, side in enumerate(plane.shape):
            starts = np.arange(0, side, size)
            sums, counts = (np.add.reduceat(part, starts, axis) for part in (sums, counts))
        blocks = np.repeat(sums / counts, size, axis=0)[:height]
        return np.repeat(blocks, size, axis=1)[:, :width]

    return exact.each_channel(frame, means)


@operation(
    "Pixelate",
    length("size", "Block size", 12, 2, 256, 1, "Side of a block, in pixels."),
    definition=_in_blocks,
    reach=lambda size: size,
    grid=lambda size: size,
)
def pixelate(frame: Frame, size: int) -> Frame:
    """Replace each block of pixels by its mean; blocks start at the top left."""
    width = frame.shape[1]
    starts = np.arange(0, width, size)
    for top in range(0, len(frame), size):
        part = frame[top : top + size]
        sums = np.add.reduceat(frames.to_floats(part).sum(axis=0, dtype=np.float64), starts, axis=0)
        counts = np.diff(np.append(starts, width)) * len(part)
        means = (sums.T / counts).T.astype(np.float32)
        row = np.empty((1, len(starts), *frame.shape[2:]), frame.dtype)
        frames.from_floats(means.reshape(row.shape), row)
        part[...] = np.repeat(row, size, axis=1)[:, :width]
    return frame
