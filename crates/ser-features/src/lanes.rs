//! Eight frames side by side: one number of each in one vector register.
//!
//! Frames do not depend on each other before the pitch path, so the kernels take eight at a time, value `k` of all
//! eight together. Every frame keeps its own order of operations, so not a bit of the result depends on it; and everything vectorises,
//! recursions and sums included.
//!
//! Arithmetic is written as loops over the eight places, which the compiler turns into vector instructions. [`widest`] lets it
//! use AVX2 where the processor has it; without, the same code runs on SSE2 (or NEON) with the same bits, since no operation is
//! fused or reordered.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// Numbers side by side.
pub const LANES: usize = 8;

/// One `f32` of each frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(32))]
pub struct F32s(pub [f32; LANES]);

/// One `f64` of each frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(64))]
pub struct F64s(pub [f64; LANES]);

macro_rules! arithmetic {
    ($lanes:ident, $number:ident) => {
        impl $lanes {
            /// The same number for every frame.
            #[inline(always)]
            pub fn splat(value: $number) -> Self {
                Self([value; LANES])
            }

            /// A function of each number.
            #[inline(always)]
            pub fn map(self, f: impl Fn($number) -> $number) -> Self {
                Self(std::array::from_fn(
                    #[inline(always)]
                    |i| f(self.0[i]),
                ))
            }

            /// The quotients.
            #[inline(always)]
            pub fn over(self, divisor: Self) -> Self {
                self.zip(
                    divisor,
                    #[inline(always)]
                    |a, b| a / b,
                )
            }

            /// A function of each number and its counterpart in `other`.
            #[inline(always)]
            pub fn zip(self, other: Self, f: impl Fn($number, $number) -> $number) -> Self {
                Self(std::array::from_fn(
                    #[inline(always)]
                    |i| f(self.0[i], other.0[i]),
                ))
            }
        }

        impl Add for $lanes {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.zip(
                    other,
                    #[inline(always)]
                    |a, b| a + b,
                )
            }
        }

        impl Sub for $lanes {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                self.zip(
                    other,
                    #[inline(always)]
                    |a, b| a - b,
                )
            }
        }

        impl Mul for $lanes {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self.zip(
                    other,
                    #[inline(always)]
                    |a, b| a * b,
                )
            }
        }

        impl Mul<$lanes> for $number {
            type Output = $lanes;
            #[inline(always)]
            fn mul(self, other: $lanes) -> $lanes {
                $lanes::splat(self) * other
            }
        }

        impl Neg for $lanes {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                self.map(
                    #[inline(always)]
                    |a| -a,
                )
            }
        }

        impl AddAssign for $lanes {
            #[inline(always)]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }
    };
}

arithmetic!(F32s, f32);
arithmetic!(F64s, f64);

impl F32s {
    /// self · factor + added, rounded once; fast where [`fuses`] says so.
    #[inline(always)]
    pub fn mul_add(self, factor: f32, added: Self) -> Self {
        self.zip(
            added,
            #[inline(always)]
            |a, b| a.mul_add(factor, b),
        )
    }
}

impl F32s {
    /// The larger of each two; never a NaN of `other`.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |a, b| if b > a { b } else { a },
        )
    }

    /// The smaller of each two; never a NaN of `other`.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |a, b| if b < a { b } else { a },
        )
    }

    /// The same numbers as `f64`.
    #[inline(always)]
    pub fn widen(self) -> F64s {
        F64s(std::array::from_fn(
            #[inline(always)]
            |i| f64::from(self.0[i]),
        ))
    }
}

impl F64s {
    /// The same numbers, rounded to `f32`.
    #[inline(always)]
    pub fn round(self) -> F32s {
        F32s(std::array::from_fn(
            #[inline(always)]
            |i| self.0[i] as f32,
        ))
    }
}

/// A yes or no for each frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(32))]
pub(crate) struct Mask([u32; LANES]);

impl Mask {
    /// No for all frames.
    pub const NONE: Self = Self([0; LANES]);

    /// Yes where `test` says so.
    #[inline(always)]
    pub fn of(a: F32s, b: F32s, test: impl Fn(f32, f32) -> bool) -> Self {
        Self(std::array::from_fn(
            #[inline(always)]
            |i| if test(a.0[i], b.0[i]) { u32::MAX } else { 0 },
        ))
    }

    #[inline(always)]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(
            #[inline(always)]
            |i| self.0[i] & other.0[i],
        ))
    }

    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(
            #[inline(always)]
            |i| self.0[i] | other.0[i],
        ))
    }

    #[inline(always)]
    pub fn not(self) -> Self {
        Self(std::array::from_fn(
            #[inline(always)]
            |i| !self.0[i],
        ))
    }

    /// Is there a yes?
    #[inline(always)]
    pub fn any(self) -> bool {
        self.0.iter().fold(0, |all, m| all | m) != 0
    }

    /// Is there no no?
    #[inline(always)]
    pub fn all(self) -> bool {
        self.0.iter().fold(u32::MAX, |all, m| all & m) != 0
    }

    /// The answer for one frame.
    #[inline(always)]
    pub fn get(self, lane: usize) -> bool {
        self.0[lane] != 0
    }

    /// Sets the bits `bits` of the words whose frame answers yes.
    #[inline(always)]
    pub fn set(self, words: &mut [u32; LANES], bits: u32) {
        *words = std::array::from_fn(
            #[inline(always)]
            |i| words[i] | (self.0[i] & bits),
        );
    }

    /// `a` where yes, `b` where no.
    #[inline(always)]
    pub fn choose(self, a: F32s, b: F32s) -> F32s {
        F32s(std::array::from_fn(
            #[inline(always)]
            |i| if self.0[i] != 0 { a.0[i] } else { b.0[i] },
        ))
    }

    /// `values` where yes, 0 where no.
    #[inline(always)]
    pub fn keep(self, values: F32s) -> F32s {
        F32s(std::array::from_fn(
            #[inline(always)]
            |i| f32::from_bits(values.0[i].to_bits() & self.0[i]),
        ))
    }
}

/// The values of one of the frames that lie side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane<'a> {
    values: &'a [F32s],
    lane: usize,
}

impl<'a> Lane<'a> {
    /// Frame `lane` of `values`.
    pub fn new(values: &'a [F32s], lane: usize) -> Self {
        Self { values, lane }
    }

    /// Value `k` of the frame.
    #[inline(always)]
    pub fn at(self, k: usize) -> f32 {
        self.values[k].0[self.lane]
    }

    /// Number of values.
    pub fn len(self) -> usize {
        self.values.len()
    }
}

/// Calls `f` with 0 … N−1, in straight-line code: N is 12 at most. A loop would be for the compiler to unroll, which it does no more once sums are in vectors
/// where crates are optimised together (the wheel's "fat" LTO): they stayed in memory, and extraction took a sixth longer.
#[inline(always)]
pub(crate) fn for_each<const N: usize>(mut f: impl FnMut(usize)) {
    const { assert!(N <= 12) };
    macro_rules! unrolled {
        ($($n:literal)*) => { $( if $n < N { f($n) } )* };
    }
    unrolled!(0 1 2 3 4 5 6 7 8 9 10 11);
}

/// The sum of the parts of each, in order; the sums run side by side. Not inlined: that would tempt the compiler to keep parts in this order while they are
/// summed.
#[inline(never)]
pub(crate) fn totals<const N: usize>(parts: &[F64s; N]) -> [f64; N] {
    let mut sums = parts.map(|parts| parts.0[0]);
    for lane in 1..LANES {
        for (sum, parts) in sums.iter_mut().zip(parts) {
            *sum += parts.0[lane];
        }
    }
    sums
}

/// A function of each number: `ordinary`, which has no branches, for all of them, and `exact` again for the few of which `is_odd` says that the first does not hold.
#[inline(always)]
pub(crate) fn mostly<T: Copy + Default, const N: usize>(
    x: &[T; N],
    ordinary: impl Fn(T) -> T,
    is_odd: impl Fn(T) -> bool,
    exact: impl Fn(T) -> T,
) -> [T; N] {
    let mut values = [T::default(); N];
    for i in 0..N {
        values[i] = ordinary(x[i]);
    }
    // One look at all of them, since there is rarely one.
    if x.iter().fold(false, |any, &x| any | is_odd(x)) {
        for i in 0..N {
            if is_odd(x[i]) {
                values[i] = exact(x[i]);
            }
        }
    }
    values
}

/// Is this no positive normal number, but zero, negative, subnormal, infinite or no number at all?
#[inline(always)]
pub(crate) fn is_odd(x: f32) -> bool {
    x.to_bits().wrapping_sub(0x0080_0000) >= 0x7f00_0000
}

/// Runs `kernel` with the widest vector instructions that help. What it calls must be inlined to profit.
///
/// Tried, no gain: AVX-512 (8 % slower than AVX2 on a processor that has both).
#[inline(always)]
pub fn widest<R>(kernel: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx,avx2,fma")]
        fn with_avx2<R>(kernel: impl FnOnce() -> R) -> R {
            kernel()
        }
        if has_avx2() {
            // SAFETY: `with_avx2` is a safe function whose only demand is that the processor has AVX, AVX2 and FMA, and
            // `has_avx2` has asked it for exactly these.
            #[expect(
                unsafe_code,
                reason = "the call is sound by the test above; see SAFETY"
            )]
            return unsafe { with_avx2(kernel) };
        }
    }
    kernel()
}

/// Can [`widest`] do `mul_add` in one instruction? (What is not written as `mul_add` is never fused.)
pub fn fuses() -> bool {
    #[cfg(target_arch = "x86_64")]
    return has_avx2();
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// Does the processor have AVX, AVX2 and FMA? `SER_VECTOR=sse2` in the environment denies it, to test the other path.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn has_avx2() -> bool {
    static FOUND: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *FOUND.get_or_init(|| {
        is_x86_feature_detected!("avx")
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && std::env::var_os("SER_VECTOR").is_none_or(|most| most != "sse2")
    })
}

#[test]
fn lanes_do_not_mix() {
    let a = F32s(std::array::from_fn(|i| i as f32));
    let b = F32s::splat(2.0);
    assert_eq!(
        (a * b + a - b).0,
        std::array::from_fn(|i| 3.0 * i as f32 - 2.0)
    );
    assert_eq!((-a).widen().round(), -a);
    assert_eq!(widest(|| (2.0 * a).0[3]), 6.0);
}
